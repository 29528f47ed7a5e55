/** The React view; works under React 18 and 19. Import `@otel-replay/player/react/player.css` beside it. */
export type { PlayerTab, ReplayPlayerProps, Span } from './player-props.js';
export { ReplayPlayer } from './replay-player.js';
export { Failure, Loading, StateMessage, type StateMessageProps } from './state-message.js';
