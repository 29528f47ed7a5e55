/** What there is to know of one element: how to find it, its attributes, its box. */
import { useMemo, type ReactElement } from 'react';
import { attributesOf, boxOf, nameOfNode, stylesOf } from '../tools/inspect/dom-reader.js';
import { pageOfDocument } from '../tools/inspect/page-of-document.js';
import { locatorOf, pathOf } from '../tools/page/locator.js';
import { found } from '../tools/playwright/expression.js';
import { CopyButton } from './copy-button.js';

export interface InspectorDetailsProps {
  element: Element;
  page: Document;
  /** The playhead: the element may have changed with it. */
  time: number;
}

export function InspectorDetails({ element, page, time }: InspectorDetailsProps): ReactElement {
  const { selector, locator } = useMemo(() => waysTo(element, page), [element, page, time]);
  const box = boxOf(element);
  const attributes = attributesOf(element);
  return (
    <section
      className="replay-inspected"
      aria-label={`The element ${nameOfNode(element)}`}
      tabIndex={0}
      data-testid="inspected"
    >
      <dl className="replay-ways">
        <dt>Selector</dt>
        <dd>
          <code data-testid="selector">{selector}</code>
          <CopyButton text={selector} label="Copy the selector" isSmall />
        </dd>
        <dt>Playwright</dt>
        <dd>
          <code data-testid="locator">{locator}</code>
          <CopyButton text={locator} label="Copy the locator" isSmall />
        </dd>
      </dl>
      <h3>Box</h3>
      <p data-testid="box">
        {`${number(box.width)} × ${number(box.height)} at ${number(box.x)}, ${number(box.y)}`}
      </p>
      <h3>Attributes</h3>
      {attributes.length === 0 ? (
        <p className="replay-hint">None.</p>
      ) : (
        <Facts facts={attributes} />
      )}
      <h3>Computed style</h3>
      <Facts facts={stylesOf(element)} />
    </section>
  );
}

function Facts({ facts }: { facts: readonly (readonly [string, string])[] }): ReactElement {
  return (
    <table>
      <tbody>
        {facts.map(([name, value]) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td>{value}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function waysTo(element: Element, page: Document): { selector: string; locator: string } {
  const { root, of } = pageOfDocument(page);
  const node = of.get(element);
  if (node === undefined) return { selector: '', locator: '' };
  return { selector: pathOf(node, root), locator: found('page', locatorOf(node, root)) };
}

function number(value: number): string {
  return String(Math.round(value * 10) / 10);
}
