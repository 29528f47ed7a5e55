/** `worker.ts` as text: bundlers differ in how, and whether, they can make one of a module. */
export const WORKER_SOURCE =
  'onmessage=async({data:[i,r]})=>{try{postMessage([i,new Uint8Array(await new Response(' +
  "new Blob([r]).stream().pipeThrough(new CompressionStream('deflate-raw'))).arrayBuffer())])}" +
  'catch{postMessage([i])}}';
