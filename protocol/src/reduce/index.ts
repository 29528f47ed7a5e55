export { checkpointSegment, type CheckpointOptions } from './checkpoint-segment.js';
export { planFold, type Fold } from './plan-fold.js';
export { createReducer, type Reducer, type ReducerOptions } from './reducer.js';
export { EVENT_TYPE, INTERACTION, SOURCE } from './rrweb.js';
