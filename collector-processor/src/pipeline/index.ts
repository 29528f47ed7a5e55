export { createPipeline, type Pipeline, type PipelineOptions } from './pipeline.js';
