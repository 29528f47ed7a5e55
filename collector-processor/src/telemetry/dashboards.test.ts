/** What operators are given names metrics and labels that there are. */
import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { describe, expect, it } from 'vitest';
import { METRICS } from './metric-table.js';

const GRAFANA = new URL('../../../demo/grafana/', import.meta.url);

/** Expressions are written out, so labels of selectors and of `by` can be read from them. */
function check(expression: string): void {
  const names = [...expression.matchAll(/\botelcol_\w+/g)].map(([name]) => name);
  expect(names.length, expression).toBeGreaterThan(0);
  const labels = new Set(['instance']);
  for (const name of names) {
    const metric = METRICS[name as keyof typeof METRICS] as
      (typeof METRICS)[keyof typeof METRICS] | undefined;
    expect(metric, `${name} in ${expression}`).toBeDefined();
    for (const label of metric?.attributes ?? []) labels.add(label.replaceAll('.', '_'));
    const isRate = new RegExp(`(rate|increase)\\(${name}\\b`).test(expression);
    if (isRate) expect(metric?.type, expression).toBe('counter');
  }
  const used = [
    ...[...expression.matchAll(/(\w+)=~?"/g)].map(([, label]) => label ?? ''),
    ...[...expression.matchAll(/by \(([^)]*)\)/g)].flatMap(([, list]) =>
      (list ?? '').split(',').map((label) => label.trim()),
    ),
  ];
  for (const label of used) expect([...labels], `${label} in ${expression}`).toContain(label);
}

describe('what is shipped for Grafana', () => {
  it('has alerts on metrics that there are', async () => {
    const text = await readFile(new URL('alerts.yaml', GRAFANA), 'utf8');
    const { groups } = parse(text) as {
      groups: { rules: { alert: string; expr: string; annotations: { summary: string } }[] }[];
    };
    const rules = groups.flatMap((group) => group.rules);
    expect(rules).toHaveLength(8);
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(8);
    for (const { annotations, expr } of rules) {
      check(expr);
      expect(annotations.summary).not.toBe('');
    }
  });

  it('has a dashboard on metrics that there are', async () => {
    const text = await readFile(new URL('dashboard.json', GRAFANA), 'utf8');
    const { panels } = JSON.parse(text) as {
      panels: { id: number; title: string; targets: { expr: string; legendFormat: string }[] }[];
    };
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const targets = panels.flatMap((panel) => panel.targets);
    expect(targets.length).toBeGreaterThan(10);
    for (const { expr, legendFormat } of targets) {
      check(expr);
      // A legend can only show labels that the expression keeps.
      for (const [, label = ''] of legendFormat.matchAll(/\{\{(\w+)\}\}/g)) {
        expect(expr, legendFormat).toMatch(new RegExp(`by \\([^)]*\\b${label}\\b`));
      }
    }
  });
});
