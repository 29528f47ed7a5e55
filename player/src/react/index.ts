/** The React view; works under React 18 and 19. Import `@otel-replay/player/react/player.css` beside it. */
export { ReplayPlayer, type ReplayPlayerProps } from './replay-player.js';
export { Failure, Loading, StateMessage, type StateMessageProps } from './state-message.js';
