import { createElement as h, useState } from 'react';
import { hydrateRoot } from 'react-dom/client';
import { first, startRecorder, steps } from '../app.js';

function App() {
  const [items, setItems] = useState(first);
  const [text, setText] = useState('');
  return h(
    'main',
    { 'data-replay-unmask': '' },
    Object.entries(steps).map(([id, step]) =>
      h('button', { key: id, id, onClick: () => setItems(step) }, id),
    ),
    h('input', { id: 'input', value: text, onChange: (event) => setText(event.target.value) }),
    h('p', { id: 'echo' }, text),
    h(
      'ul',
      null,
      items.map((item) => h('li', { key: item }, item)),
    ),
  );
}

startRecorder();
// Hydration compares the server's markup with its own: nothing of the recorder may be in it.
hydrateRoot(globalThis.document.querySelector('#root'), h(App), {
  onRecoverableError: (error) => globalThis.reportError(error),
});
