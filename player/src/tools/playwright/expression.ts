/** A locator in Playwright's words. */
import type { Locator, Step } from '../page/locator.js';
import { literal } from './typescript.js';

/** An expression that finds what `locator` means. */
export function found(page: string, { steps, nth }: Locator): string {
  const chain = steps.map(call).join('.');
  return `${page}.${chain}${nth === undefined ? '' : `.nth(${nth})`}`;
}

function call(step: Step): string {
  switch (step.by) {
    case 'testid':
      return `getByTestId(${literal(step.value)})`;
    case 'role':
      return `getByRole(${literal(step.role)}, { name: ${literal(step.name)}, exact: true })`;
    case 'label':
      return `getByLabel(${literal(step.value)}, { exact: true })`;
    case 'placeholder':
      return `getByPlaceholder(${literal(step.value)}, { exact: true })`;
    case 'text':
      return `getByText(${literal(step.value)}, { exact: true })`;
    case 'css':
      return `locator(${literal(step.value)})`;
  }
}
