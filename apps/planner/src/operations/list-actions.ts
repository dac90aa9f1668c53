import { type Answer, jsonAnswer } from '@magistry/messaging';
import { z } from 'zod';
import { catalogue, GATES } from '../domain/catalogue/catalogue.js';

/** The catalogue is the same for everybody, so its answer is made once. */
const answer = jsonAnswer({
  data: Array.from(catalogue.values(), (action) => ({
    action: action.name,
    description: action.description,
    subject_fields: action.subjectFields,
    parameters: z.toJSONSchema(action.parameters),
    gates: GATES,
    minimum_tier: action.minimumTier,
    reverse_action: action.reverseAction,
    budget: action.budget,
  })),
});

export class ListActions {
  async execute(): Promise<Answer> {
    return answer;
  }
}
