import 'zone.js';
import '@angular/compiler';
import { Component, NgZone, provideZoneChangeDetection } from '@angular/core';
import { bootstrapApplication } from '@angular/platform-browser';
import { trace } from '@opentelemetry/api';
import { declareShadowRoot } from 'recorder-otel';
import { first, startRecorder, steps } from '../app.js';

let checks = 0;

class Page {
  items = first;
  text = '';
  steps = Object.keys(steps);

  constructor() {
    // The worst place: inside Angular's zone, where every timer of ours would be one of its own.
    startRecorder();
  }

  step(id) {
    this.items = steps[id](this.items);
  }

  ngDoCheck() {
    checks++;
  }
}

const App = Component({
  selector: 'app-root',
  template: `<main data-replay-unmask>
    @for (id of steps; track id) {<button [id]="id" (click)="step(id)">{{ id }}</button>}
    <input id="input" [value]="text" (input)="text = $any($event.target).value" />
    <p id="echo">{{ text }}</p>
    <ul>@for (item of items; track item) {<li>{{ item }}</li>}</ul>
  </main>`,
})(Page);

bootstrapApplication(App, { providers: [provideZoneChangeDetection()] }).then((app) => {
  const zone = app.injector.get(NgZone);
  Object.assign(globalThis, {
    declareShadowRoot,
    checks: () => checks,
    /** A span with an error makes the recorder set timers. */
    failInZone: () =>
      zone.run(() => {
        const span = trace.getTracer('page').startSpan('fails');
        span.setStatus({ code: 2 });
        span.end();
      }),
    isStable: () => zone.isStable && !zone.hasPendingMacrotasks,
    mutate: () =>
      zone.runOutsideAngular(() => globalThis.document.querySelector('#root-title').append('!')),
  });
});
