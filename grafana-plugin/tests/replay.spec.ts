/** In a real Grafana with the provisioned data sources, after the demo shop has failed once. */
import { expect, test } from '@grafana/plugin-e2e';

const APP = 'otelreplay-sessionreplay-app';
const DATASOURCE = 'otelreplay-sessionreplay-datasource';

test.describe('data source', () => {
  test('is found by "Save & test"', async ({ gotoDataSourceConfigPage }) => {
    const configPage = await gotoDataSourceConfigPage('session-replay');
    await expect(configPage.saveAndTest()).toBeOK();
    await expect(configPage).toHaveAlert('success', { hasText: 'Connected to OTel Replay' });
  });

  test('says what is wrong with an address', async ({ createDataSourceConfigPage, page }) => {
    const configPage = await createDataSourceConfigPage({ type: DATASOURCE });
    await page.locator('#replay-url').fill('processor:8787/api/v1');
    await page.locator('#replay-url').blur();
    await expect(page.getByText('The address must begin with http://')).toBeVisible();
    await expect(configPage.saveAndTest()).not.toBeOK();
  });

  test('plays a session in Explore, in our panel', async ({ page }) => {
    await page.goto('/a/otelreplay-sessionreplay-app/sessions');
    const href = await page
      .getByTestId('session-row')
      .first()
      .getByRole('link')
      .getAttribute('href');
    const [, sessionId] = /\/sessions\/([^/?]+)/.exec(href ?? '') ?? [];
    const query = { refId: 'A', queryType: 'session', sessionId };
    const pane = {
      datasource: 'session-replay',
      queries: [query],
      range: { from: 'now-6h', to: 'now' },
    };
    const panes = encodeURIComponent(JSON.stringify({ left: pane }));
    await page.goto(`/explore?schemaVersion=1&panes=${panes}`);
    await expect(page.locator('.replay-player')).toBeVisible();
  });
});

test.describe('trace', () => {
  test('has a button that opens the replay over it', async ({ page }) => {
    await page.goto(`/d/otelreplay-traces`);
    await page
      .getByRole('link', { name: /^[0-9a-f]{16,32}$/ })
      .first()
      .click();
    await page.getByRole('button', { name: 'Watch session replay' }).first().click();
    await expect(page.getByTestId('replay-modal').locator('.replay-player')).toBeVisible();
  });

  test('stands beside its replay on the dashboard', async ({ gotoDashboardPage, page }) => {
    const dashboard = await gotoDashboardPage({ uid: 'otelreplay-traces' });
    await page
      .getByRole('link', { name: /^[0-9a-f]{16,32}$/ })
      .first()
      .click();
    const panel = dashboard.getPanelByTitle('Session replay');
    await expect(panel.locator.locator('.replay-player')).toBeVisible();
  });
});

test.describe('app', () => {
  test('lists sessions and plays one', async ({ gotoAppPage, page }) => {
    await gotoAppPage({ pluginId: APP, path: '/sessions' });
    await page.getByTestId('session-row').first().getByRole('link').click();
    await expect(page.locator('.replay-player')).toBeVisible();
    await expect(page).toHaveURL(/\/sessions\/[^/?]+/);
  });

  test('saves which data source it uses', async ({ gotoAppConfigPage, page }) => {
    await gotoAppConfigPage({ pluginId: APP });
    await page.getByRole('tab', { name: 'Configuration' }).click();
    await page.getByRole('button', { name: 'Test' }).click();
    await expect(page.getByText('Connected to OTel Replay')).toBeVisible();
  });
});
