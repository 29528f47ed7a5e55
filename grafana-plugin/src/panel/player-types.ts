/** Types of the player alone: the panel's first module must not load the player itself. */
import type { PlaybackOptions } from '@otel-replay/player';
import type { PlayerTab } from '@otel-replay/player/react';

export type MaskingRules = NonNullable<PlaybackOptions['masking']>;
export type { PlayerTab };
