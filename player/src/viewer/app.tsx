/** Which page for which address, and the one source they read from. */
import { useCallback, useMemo, useState, type DragEvent, type ReactElement } from 'react';
import { ApiSource } from '../engine/client/api-source.js';
import { ExportSource } from '../engine/client/export-source.js';
import { StateMessage } from '../react/state-message.js';
import { ListPage } from './list-page.js';
import { ReplayPage } from './replay-page.js';
import { go, parseRoute, useAddress } from './route.js';
import { keepToken, readToken } from './token.js';

export function App(): ReactElement {
  const address = useAddress();
  const source = useMemo(() => new ApiSource({ token: readToken }), []);
  const [file, setFile] = useState<ExportSource>();
  const [fileProblem, setFileProblem] = useState<string>();
  const open = useCallback(async (blob: Blob): Promise<void> => {
    try {
      setFile(await ExportSource.open(blob));
      setFileProblem(undefined);
      go('/');
    } catch (error) {
      setFileProblem(error instanceof Error ? error.message : String(error));
    }
  }, []);
  const onDrop = (event: DragEvent): void => {
    const dropped = event.dataTransfer.files[0];
    if (dropped === undefined) return;
    event.preventDefault();
    void open(dropped);
  };
  const [path = '/', query = ''] = address.split(/(?=\?)/);
  const route = parseRoute(path, query);
  return (
    <div className="viewer" onDragOver={(event) => event.preventDefault()} onDrop={onDrop}>
      {file !== undefined ? (
        <ReplayPage
          source={file}
          sessionId={file.session.sessionId}
          isFile
          onBack={() => setFile(undefined)}
        />
      ) : route.page === 'trace' ? (
        <ReplayPage source={source} traceId={route.traceId} onToken={keepToken} onBack={toList} />
      ) : route.page === 'session' ? (
        <ReplayPage
          source={source}
          sessionId={route.sessionId}
          time={route.time}
          onToken={keepToken}
          onBack={toList}
        />
      ) : route.page === 'list' ? (
        <ListPage
          source={source}
          search={route.search}
          onToken={keepToken}
          onFile={(blob) => void open(blob)}
          fileProblem={fileProblem}
        />
      ) : (
        <main className="viewer-center">
          <h1 className="replay-hidden">Unknown page</h1>
          <StateMessage icon="search" title="There is no such page" reason="unknown_page">
            <p>
              Replays are at <code>/traces/&lt;trace id&gt;</code> and{' '}
              <code>/sessions/&lt;session id&gt;</code>.
            </p>
            <a className="replay-button" href="/">
              All sessions
            </a>
          </StateMessage>
        </main>
      )}
    </div>
  );
}

function toList(): void {
  go('/');
}
