export { createReducer, type Reducer, type ReducerOptions } from './reducer.js';
