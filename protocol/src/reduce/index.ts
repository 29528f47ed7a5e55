export { createReducer, type Reducer, type ReducerOptions } from './reducer.js';
export { EVENT_TYPE, INTERACTION, SOURCE } from './rrweb.js';
