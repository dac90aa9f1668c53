/** Something that happened in a workspace, as it is kept. */
export interface Event {
  /** `evt_…`; unique within its workspace. */
  readonly id: string;
  readonly workspaceId: number;
  /** `noun.verb` */
  readonly type: string;
  readonly createdAt: Date;
  /** JSON text; of the platform's types in the newest shape. */
  readonly data: string;
  /** True for the platform's own types, whose shape follows an endpoint's version. */
  readonly isPlatform: boolean;
  /** Of the trace that it came with; null without one. */
  readonly traceparent: string | null;
}
