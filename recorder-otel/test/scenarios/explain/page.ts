import { SessionReplaySpanProcessor } from 'recorder-otel';
import { explainMasking } from 'recorder-otel/explain';
import { showMaskingOverlay } from 'recorder-otel/overlay';

const settings = new URLSearchParams(location.search);
const replay = new SessionReplaySpanProcessor({
  url: settings.get('ingest')!,
  flushIntervalMs: 60_000,
  workerUrl: false,
  masking: {
    policy: {
      name: 'shop-2026',
      base: 'public-text',
      maskSelector: '.account',
      allowAttributes: ['data-kind'],
    },
    unmaskSelector: '.price',
    ignoreSelector: '.notes',
  },
  resource: { attributes: { 'service.name': 'shop-web' } },
});
Object.assign(window, { replay, explainMasking, showMaskingOverlay });
