/** One request, as cheap as Node makes it. */
import { request, type Agent } from 'node:http';

/** Resolves when the service answered 200. */
export function post(
  agent: Agent,
  url: string,
  contentType: string,
  body: Uint8Array,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const call = request(
      url,
      {
        method: 'POST',
        agent,
        headers: { 'content-type': contentType, 'content-length': body.length },
      },
      (response) => {
        response.resume();
        response.once('end', () => {
          if (response.statusCode === 200) resolve();
          else reject(new Error(`the service answered ${response.statusCode}`));
        });
      },
    );
    call.once('error', reject);
    call.end(body);
  });
}
