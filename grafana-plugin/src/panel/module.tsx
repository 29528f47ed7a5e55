import './publicPath';
import { Suspense, lazy } from 'react';
import { PanelPlugin } from '@grafana/data';

const Player = lazy(async () => ({
  default: (await import('@otel-replay/player/react')).ReplayPlayer,
}));

export const plugin = new PanelPlugin(() => (
  <Suspense fallback={null}>
    <Player source={undefined as never} />
  </Suspense>
));
