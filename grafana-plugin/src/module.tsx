/** The app: its pages, its links in Grafana's views, and the player for other plugins. */
import {
  AppPlugin,
  type AppRootProps,
  type PluginConfigPageProps,
  type AppPluginMeta,
} from '@grafana/data';
import { lazy } from 'react';
import { attributeLink, headerLink, panelMenuLink } from './links/links';
import { APP_ID } from './plugin-ids';
import type { ExposedPlayerProps } from './replay/exposed-player';
import { Lazily } from './replay/lazily';

const App = lazy(async () => ({ default: (await import('./pages/app')).App }));
const Config = lazy(async () => ({ default: (await import('./config/app-config')).AppConfig }));
const Player = lazy(async () => ({
  default: (await import('./replay/exposed-player')).ExposedPlayer,
}));

export const plugin = new AppPlugin()
  .setRootPage((props: AppRootProps) => (
    <Lazily>
      <App {...props} />
    </Lazily>
  ))
  .addConfigPage({
    id: 'configuration',
    title: 'Configuration',
    icon: 'cog',
    body: (props: PluginConfigPageProps<AppPluginMeta>) => (
      <Lazily>
        <Config {...props} />
      </Lazily>
    ),
  })
  .addLink(headerLink)
  .addLink(attributeLink)
  .addLink(panelMenuLink)
  .exposeComponent<ExposedPlayerProps>({
    id: `${APP_ID}/player/v1`,
    title: 'Session replay player',
    description: 'Plays the replay of a session or of a trace.',
    component: (props) => (
      <Lazily>
        <Player {...props} />
      </Lazily>
    ),
  });
