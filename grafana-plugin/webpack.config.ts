/** The scaffold's build, with what it lacks: our own packages, and the files of nested plugins. */
import CopyWebpackPlugin from 'copy-webpack-plugin';
import type { Configuration } from 'webpack';
import { mergeWithRules } from 'webpack-merge';
import scaffold, { type Env } from './.config/webpack/webpack.config.ts';

/** Below `src`, as the scaffold's paths are. It is there once `npm run build` ran at the root. */
const ONE_FILE = '../../player/dist/viewer/one-file.html';
const SOURCES = /\.[tj]sx?$/;

const config = async (env: Env): Promise<Configuration> => {
  const base = await scaffold(env);
  if (base.module?.rules?.some((rule) => String(Object(rule).test) === String(SOURCES)) !== true) {
    throw new Error('webpack.config.ts: the scaffold has no rule for sources any more');
  }
  return mergeWithRules({ module: { rules: { test: 'match', use: 'merge' } } })(base, {
    module: {
      rules: [
        {
          test: SOURCES,
          use: { options: { jsc: { transform: { react: { runtime: 'automatic' } } } } },
        },
      ],
    },
    resolve: {
      // The player is built from its sources, so that it is never older than they are.
      conditionNames: ['otel-replay-source', '...'],
      extensionAlias: { '.js': ['.ts', '.tsx', '.js'] },
    },
    plugins: [
      // The scaffold copies the logo of the root plugin only.
      new CopyWebpackPlugin({
        patterns: [
          { from: '*/img/*', to: '.' },
          // The page that a session is put into as one file, of the same version as the player.
          { from: ONE_FILE, to: '.' },
        ],
      }),
    ],
  } satisfies Configuration);
};

export default config;
