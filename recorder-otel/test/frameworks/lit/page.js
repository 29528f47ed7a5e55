import { css, html, LitElement } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { first, startRecorder, steps } from '../app.js';

/** Everything is in a shadow root, styled by a constructed sheet. */
class TodoList extends LitElement {
  static properties = { items: { state: true }, text: { state: true } };
  static styles = css`
    li {
      color: rgb(1, 2, 3);
    }
  `;

  constructor() {
    super();
    this.items = first;
    this.text = '';
  }

  render() {
    return html`<main>
      ${Object.entries(steps).map(
        ([id, step]) =>
          html`<button id=${id} @click=${() => (this.items = step(this.items))}>${id}</button>`,
      )}
      <input id="input" .value=${this.text} @input=${(event) => (this.text = event.target.value)} />
      <p id="echo">${this.text}</p>
      <ul>
        ${repeat(
          this.items,
          (item) => item,
          (item) => html`<li>${item}</li>`,
        )}
      </ul>
    </main>`;
  }
}

startRecorder();
globalThis.customElements.define('todo-list', TodoList);
const list = globalThis.document.createElement('todo-list');
list.setAttribute('data-replay-unmask', '');
globalThis.document.querySelector('#root').append(list);
