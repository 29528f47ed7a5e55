export {
  CheckpointSynthesizer,
  type CheckpointAnswer,
  type CheckpointRequest,
  type Checkpoints,
  type SynthesizerOptions,
} from './synthesizer.js';
