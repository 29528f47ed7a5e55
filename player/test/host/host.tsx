/** A page that embeds the player as a panel would: it gives all props, and writes down what it is told. */
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { ApiSource, type Playback } from '../../src/index.js';
import { ReplayPlayer, type ReplayPlayerProps } from '../../src/react/index.js';
import '../../src/react/player.css';

export interface Host {
  playback: Playback | undefined;
  /** What `onHoverTime` said. */
  hovers: (number | undefined)[];
  /** Keys that reached the page. */
  keys: string[];
  show: (props: Partial<ReplayPlayerProps>) => void;
}

const source = new ApiSource({ baseUrl: location.origin });
const root = createRoot(document.getElementById('root')!);
let props: ReplayPlayerProps = { source };
const host: Host = {
  playback: undefined,
  hovers: [],
  keys: [],
  show: (change) => {
    props = {
      ...props,
      onPlayback: (playback) => (host.playback = playback),
      onHoverTime: (time) => host.hovers.push(time),
      ...change,
    };
    root.render(
      <StrictMode>
        <ReplayPlayer {...props} />
      </StrictMode>,
    );
  },
};
document.addEventListener('keydown', ({ key }) => host.keys.push(key));
Object.assign(window, {
  host,
  // Functions do not cross the border between test and page.
  withFailure: () =>
    host.show({
      failure: ({ kind }, retry) => (
        <button type="button" onClick={retry}>
          {`The host says: ${kind}`}
        </button>
      ),
    }),
});
