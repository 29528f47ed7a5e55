export type { Pipeline, PipelineOptions } from './options.js';
export { createPipeline } from './pipeline.js';
