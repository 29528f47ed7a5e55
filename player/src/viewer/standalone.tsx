/** The page of a session in one file: no address, no server, nothing is asked for. */
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { ExportSource } from '../engine/client/export-source.js';
import { StateMessage } from '../react/state-message.js';
import { takeOneFile } from '../tools/one-file/one-file.js';
import { ReplayPage } from './replay-page.js';
import '../react/player.css';
import './viewer.css';

async function start(): Promise<void> {
  const element = document.getElementById('root');
  if (element === null) return;
  const root = createRoot(element);
  const held = takeOneFile(document);
  try {
    if (held === undefined) throw new Error('This page holds no session.');
    const source = await ExportSource.open(held.file);
    root.render(
      <StrictMode>
        <div className="viewer">
          <ReplayPage
            source={source}
            sessionId={source.session.sessionId}
            time={momentOf(location.hash) ?? held.time}
            isFile
            linkTo={linkTo}
          />
        </div>
      </StrictMode>,
    );
  } catch (error) {
    root.render(
      <main className="viewer-center">
        <h1 className="replay-hidden">Session replay</h1>
        <StateMessage icon="error" title="This file cannot be played" reason="corrupt">
          <p>{error instanceof Error ? error.message : String(error)}</p>
        </StateMessage>
      </main>,
    );
  }
}

function linkTo(_sessionId: string, time: number): string {
  return `${location.href.replace(/#.*/, '')}#t=${Math.round(time)}`;
}

/** `#t=<Unix milliseconds>` */
function momentOf(hash: string): number | undefined {
  const time = /^#t=(\d+)$/.exec(hash)?.[1];
  return time === undefined ? undefined : Number(time);
}

void start();
