export {
  explainMasking,
  type AttributeExplanation,
  type MaskingExplanation,
  type MaskingReason,
  type MaskingSource,
  type Outcome,
} from './explain/explain.js';
