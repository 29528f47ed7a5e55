import { createApp, h, ref, Teleport } from 'vue';
import { first, startRecorder, steps } from '../app.js';

const App = {
  setup() {
    const items = ref(first);
    const text = ref('');
    return () =>
      h('main', { 'data-replay-unmask': '' }, [
        Object.entries(steps).map(([id, step]) =>
          h('button', { id, onClick: () => (items.value = step(items.value)) }, id),
        ),
        h('input', {
          id: 'input',
          value: text.value,
          onInput: (event) => (text.value = event.target.value),
        }),
        h(Teleport, { to: '#aside' }, h('p', { id: 'echo' }, text.value)),
        h(
          'ul',
          items.value.map((item) => h('li', { key: item }, item)),
        ),
      ]);
  },
};

startRecorder();
createApp(App).mount('#root');
