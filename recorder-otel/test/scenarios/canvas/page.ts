import { WebTracerProvider } from '@opentelemetry/sdk-trace-web';
import { SessionReplaySpanProcessor } from 'recorder-otel';

const url = new URLSearchParams(location.search).get('ingest')!;
const errors: string[] = [];
const draw = (selector: string, colour: string): void => {
  const canvas = document.querySelector<HTMLCanvasElement>(selector)!;
  const context = canvas.getContext('2d')!;
  context.fillStyle = colour;
  context.fillRect(0, 0, canvas.width, canvas.height);
};
draw('#shown', '#f00');
draw('#masked', '#0f0');
const replay = new SessionReplaySpanProcessor({
  url,
  flushIntervalMs: 200,
  capture: { canvas: { fps: 10 } },
  onError: (error) => errors.push(String(error)),
});
new WebTracerProvider({ spanProcessors: [replay] }).register();
Object.assign(window, { replay, draw, errors });
