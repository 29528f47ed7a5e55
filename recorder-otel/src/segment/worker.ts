/**
 * The compression worker, for pages that serve it themselves (option `workerUrl`). Every other page
 * gets the same from a blob, see `worker-source.ts`; a test holds them equal.
 */
type Request = MessageEvent<[id: number, raw: Uint8Array<ArrayBuffer>]>;

const scope = globalThis as unknown as {
  onmessage: (request: Request) => void;
  postMessage(answer: [id: number, packed?: Uint8Array]): void;
};

async function answer([id, raw]: Request['data']): Promise<void> {
  try {
    const stream = new Blob([raw]).stream().pipeThrough(new CompressionStream('deflate-raw'));
    scope.postMessage([id, new Uint8Array(await new Response(stream).arrayBuffer())]);
  } catch {
    scope.postMessage([id]);
  }
}

scope.onmessage = ({ data }) => void answer(data);
