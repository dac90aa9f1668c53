import { z } from 'zod';

/** What of OpenAI's chat completions the model of our own reads. */
const toolCall = z.object({
  id: z.string(),
  function: z.object({ name: z.string(), arguments: z.string() }),
});

const content = z.union([
  z.string(),
  z.array(
    z.looseObject({
      type: z.string(),
      text: z.string().optional(),
      image_url: z.object({ url: z.string() }).optional(),
    }),
  ),
]);

const message = z.object({
  role: z.enum(['system', 'developer', 'user', 'assistant', 'tool']),
  content: content.nullish(),
  tool_calls: z.array(toolCall).optional(),
  tool_call_id: z.string().optional(),
});

export const chatRequest = z.object({
  model: z.string(),
  messages: z.array(message).min(1),
  tools: z
    .array(
      z.object({
        function: z.object({
          name: z.string(),
          description: z.string().default(''),
          parameters: z.looseObject({}).default({}),
        }),
      }),
    )
    .default([]),
  stream: z.boolean().default(false),
});

export type ChatRequest = z.infer<typeof chatRequest>;
export type ChatMessage = z.infer<typeof message>;
export type ChatTool = ChatRequest['tools'][number]['function'];

export function textOf({ content: said }: ChatMessage): string {
  if (typeof said === 'string') return said;
  return (said ?? []).flatMap(({ text }) => text ?? []).join('\n');
}

/** The addresses of a message's images: what they show stands in them, as data: URLs. */
export function imageUrlsOf({ content: said }: ChatMessage): string[] {
  if (typeof said === 'string') return [];
  return (said ?? []).map(({ image_url }) => image_url?.url).filter((url) => url !== undefined);
}

/** What the rules decide: words, or tools to use first. */
export interface Reply {
  /** Why, in a sentence. */
  readonly reasoning: string;
  readonly text: string;
  readonly calls: readonly { readonly name: string; readonly input: Record<string, unknown> }[];
}

/** About as many tokens as usual tokenizers make. */
export function tokensOf(text: string): number {
  return Math.ceil(text.length / 4);
}
