/** The player's colours and type, taken from Grafana's theme. */
import { css } from '@emotion/css';
import { colorManipulator, type GrafanaTheme2 } from '@grafana/data';

/** A class for what holds the player; it fills its container. */
export function getPlayerTheme(theme: GrafanaTheme2): string {
  const { colors, typography, shadows } = theme;
  const backend = theme.visualization.getColorByName('green');
  const page = theme.visualization.getColorByName('purple');
  const tokens: Record<`--replay-${string}`, string> = {
    '--replay-bg': colors.background.primary,
    '--replay-surface': colors.background.primary,
    '--replay-surface-2': colors.background.secondary,
    '--replay-hover': colors.emphasize(colors.background.secondary, 0.03),
    '--replay-border': colors.border.weak,
    '--replay-border-strong': colors.border.medium,
    '--replay-text': colors.text.primary,
    '--replay-text-2': colors.text.secondary,
    '--replay-accent': colors.primary.text,
    '--replay-accent-text': colors.getContrastText(colors.primary.text),
    '--replay-accent-soft': colors.primary.transparent,
    '--replay-browser': colors.primary.text,
    '--replay-backend': backend,
    '--replay-error': colors.error.text,
    // Paler than Grafana's own where text of the same colour stands on it.
    '--replay-error-soft': colorManipulator.alpha(colors.error.main, theme.isDark ? 0.15 : 0.08),
    '--replay-warn': colors.warning.text,
    '--replay-page': page,
    '--replay-canvas': colors.background.canvas,
    '--replay-shadow': shadows.z1,
    '--replay-font': typography.fontFamily,
    '--replay-mono': typography.fontFamilyMonospace,
  };
  return css({
    height: '100%',
    minHeight: 0,
    minWidth: 0,
    // More exact than the player's own themes.
    '& .replay-player[data-theme]': { ...tokens, colorScheme: theme.isDark ? 'dark' : 'light' },
  });
}
