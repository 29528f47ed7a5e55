import { StateView } from './state-view';

export function Loading({ text }: { text: string }) {
  return <StateView state="loading" icon="play" tone="busy" title={text} />;
}
