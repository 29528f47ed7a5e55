/** The policies of `session_replay`: names and keys of the Collector's `tail_sampling` processor. */
import * as z from 'zod';
import { withKeepFor } from './retention.js';
import { NUMERIC_ATTRIBUTES, STRING_ATTRIBUTES } from '../session/policies/index.js';
import { attributeKey, keyList } from './attribute-key.js';

const name = z
  .string()
  .min(1, 'must not be empty; it is the value of `policy` in metrics and manifests')
  .describe('Shown with every session it kept.');

const ownName = name.describe('Its own name.');

const SETTINGS = 'Settings of the policy.';

const alwaysSample = z
  .strictObject({ name, type: z.literal('always_sample') })
  .describe('Keeps every session.');

const probabilistic = z
  .strictObject({
    name,
    type: z.literal('probabilistic'),
    probabilistic: z
      .strictObject({
        sampling_percentage: z
          .number()
          .min(0)
          .max(100)
          .describe('Share of sessions, 0 to 100; by session id, so all instances agree.'),
        hash_salt: z.string().prefault('').describe('Another salt picks other sessions.'),
      })
      .describe(SETTINGS),
  })
  .describe('Keeps a share of the sessions.');

const statusCode = z
  .strictObject({
    name,
    type: z.literal('status_code'),
    status_code: z
      .strictObject({
        status_codes: z
          .array(z.enum(['ERROR']))
          .min(1, 'must list ERROR')
          .describe('`ERROR`: span status, exceptions, failed requests, 5xx; not browser 4xx.'),
      })
      .describe(SETTINGS),
  })
  .describe('Keeps sessions in which an error occurred.');

const browserTrigger = z
  .strictObject({ name, type: z.literal('browser_trigger') })
  .describe(
    'Keeps sessions for `record_for` after each segment that names a trigger (`session_replay.trigger`: an error, a failed request, a rage click, a freeze, a call of the page’s own), and all that a recorder in buffer mode sends: the browser has decided about that already.',
  );

const stringAttribute = z
  .strictObject({
    name,
    type: z.literal('string_attribute'),
    string_attribute: z
      .strictObject({
        key: attributeKey(STRING_ATTRIBUTES, NUMERIC_ATTRIBUTES, 'numeric_attribute').describe(
          `Of segments: ${keyList(STRING_ATTRIBUTES)}. Any other: of ordinary spans, of the page or of a backend, not of their Resource.`,
        ),
        values: z
          .array(z.string().min(1, 'must not be empty'))
          .min(1, 'must list at least one value')
          .describe('One of them must be the whole value.'),
        enabled_regex_matching: z
          .boolean()
          .prefault(false)
          .describe(
            'Values are JavaScript regular expressions instead, which may match anywhere in the first 2,048 characters (256 of a span’s attribute); anchor them with `^` and `$`, and repeat nothing that repeats itself, such as `(a+)+`: visitors choose the text.',
          ),
      })
      .superRefine(({ values, enabled_regex_matching: isRegex }, context) => {
        for (const [i, value] of isRegex ? values.entries() : []) {
          const problem = syntaxError(value);
          if (problem === undefined) continue;
          const message = `must be a regular expression: ${problem}; fix it, or set enabled_regex_matching: false`;
          context.addIssue({ code: 'custom', path: ['values', i], message });
        }
      })
      .describe(SETTINGS),
  })
  .describe(
    'Keeps sessions from the first segment on whose attribute has one of the values; for `session_replay.trigger`, and for attributes of spans, for `record_for` after each. The recorder of this project sends `session_replay.trigger` on the first segment after a trigger: `error`, `failed_request`, `backend_error`, `console_error`, `rage_click`, `dead_click`, `freeze`, `manual`.',
  );

const numericAttribute = z
  .strictObject({
    name,
    type: z.literal('numeric_attribute'),
    numeric_attribute: z
      .strictObject({
        key: attributeKey(NUMERIC_ATTRIBUTES, STRING_ATTRIBUTES, 'string_attribute').describe(
          `Of one segment, which is a few seconds long: ${keyList(NUMERIC_ATTRIBUTES)}. Any other: of ordinary spans, of the page or of a backend.`,
        ),
        min_value: z.number().describe('Lowest value that is wanted; of a segment at least 1.'),
        max_value: z.number().optional().describe('Highest one; without it there is none.'),
      })
      .superRefine(({ key, min_value: min, max_value: max }, context) => {
        if (min < 1 && Object.hasOwn(NUMERIC_ATTRIBUTES, key)) {
          const message = 'must be at least 1; from 0 every segment would count';
          context.addIssue({ code: 'custom', path: ['min_value'], message });
        }
        if (max === undefined || max >= min) return;
        const message = `must be at least min_value, ${min}`;
        context.addIssue({ code: 'custom', path: ['max_value'], message });
      })
      .describe(SETTINGS),
  })
  .describe(
    'Keeps sessions for `record_for` after each segment, or span, whose number is in the range.',
  );

const latency = z
  .strictObject({
    name,
    type: z.literal('latency'),
    latency: z
      .strictObject({
        threshold_ms: z
          .int()
          .min(1, 'must be at least 1; from 0 every span would count')
          .describe('A span that took at least so long counts. Milliseconds.'),
        upper_threshold_ms: z
          .int()
          .min(1)
          .optional()
          .describe('One that took longer than this does not; without it all do. Milliseconds.'),
      })
      .superRefine(({ threshold_ms: lower, upper_threshold_ms: upper }, context) => {
        if (upper === undefined || upper >= lower) return;
        const message = `must be at least threshold_ms, ${lower}`;
        context.addIssue({ code: 'custom', path: ['upper_threshold_ms'], message });
      })
      .describe(SETTINGS),
  })
  .describe(
    'Keeps sessions for `record_for` after each slow span, of the page or of a backend. Each span counts by itself, where tail_sampling takes a whole trace.',
  );

const rateLimiting = z
  .strictObject({
    name,
    type: z.literal('rate_limiting'),
    rate_limiting: z
      .strictObject({
        sessions_per_second: z
          .number()
          .positive('must be more than 0')
          .describe('More than 0; of each instance. As many, at least one, may come at once.'),
      })
      .describe(SETTINGS),
  })
  .describe(
    'Keeps so many sessions, whichever come first. To cap what another policy keeps, put both into an `and`: there it is asked when all others hold. It answers once per session.',
  );

const CONDITIONS = [
  alwaysSample,
  probabilistic,
  statusCode,
  browserTrigger,
  latency,
  stringAttribute,
  numericAttribute,
] as const;

const AT_LEAST_ONE = 'must list at least one policy';

const and = z
  .strictObject({
    name,
    type: z.literal('and'),
    and: z
      .strictObject({
        and_sub_policy: z
          .array(
            z.discriminatedUnion('type', [...CONDITIONS, rateLimiting]).meta({ title: 'policy' }),
          )
          .min(1, AT_LEAST_ONE)
          .describe('Policies, each with its `name` and `type`; none of `and`, `drop`, `ignore`.'),
      })
      .describe(SETTINGS),
  })
  .describe(
    'Keeps sessions that all of the sub-policies want, in any order and not necessarily at the same moment.',
  );

const drop = z
  .strictObject({
    name: ownName,
    type: z.literal('drop'),
    drop: z
      .strictObject({
        drop_sub_policy: z
          .array(z.discriminatedUnion('type', [...CONDITIONS]).meta({ title: 'policy' }))
          .min(1, AT_LEAST_ONE)
          .describe(
            'Policies, each with its `name` and `type`; none of `rate_limiting`, `and`, `drop`, `ignore`.',
          ),
      })
      .describe(SETTINGS),
  })
  .describe(
    'Sessions that all of the sub-policies want are not kept, whatever other policies say. What was kept by then stays.',
  );

/** `404`, or `400-499`. */
const STATUS_CODES = /^(\d{1,3})(?:-(\d{1,3}))?$/;
const STATUS_CODES_HELP = 'must be a status code or a range of them, such as 404 or "400-499"';

const ignore = z
  .strictObject({
    name: ownName,
    type: z.literal('ignore'),
    ignore: z
      .strictObject({
        'http.response.status_code': z
          .union([z.int().min(0).max(599), z.string().regex(STATUS_CODES, STATUS_CODES_HELP)], {
            error: STATUS_CODES_HELP,
          })
          .refine((codes) => {
            const { from, to } = statusCodeRange(codes);
            return from <= to && to <= 599;
          }, STATUS_CODES_HELP)
          .meta({ title: 'status code or range' })
          .optional()
          .describe('A code such as `404`, or a range such as `"400-499"`.'),
        origin: z.enum(['browser', 'backend']).optional().describe('Who reported it.'),
        'service.name': z.string().min(1).optional().describe('Of the service that reported it.'),
        kind: z
          .enum([
            'error_span',
            'exception',
            'exception_log',
            'http_5xx',
            'failed_fetch',
            'slow_span',
            'attribute',
          ])
          .optional()
          .describe('What it is; a failing request can be several of them.'),
        span_kind: z
          .enum(['client', 'server', 'internal', 'producer', 'consumer'])
          .optional()
          .describe('Of the span; log records have none.'),
        name: z
          .string()
          .min(1)
          .optional()
          .describe('Name of the span, type of the exception, or text of the log record.'),
      })
      .refine((settings) => Object.values(settings).some((value) => value !== undefined), {
        error: 'must have at least one key, otherwise every error would be ignored',
      })
      .describe(SETTINGS),
  })
  .describe(
    'Errors, slow spans and attributes of spans that fit all of its keys count for no policy; the replay still shows them.',
  );

export const policySchema = z
  .discriminatedUnion('type', [
    withKeepFor(alwaysSample),
    withKeepFor(probabilistic),
    withKeepFor(statusCode),
    withKeepFor(browserTrigger),
    withKeepFor(latency),
    withKeepFor(stringAttribute),
    withKeepFor(numericAttribute),
    withKeepFor(rateLimiting),
    withKeepFor(and),
    drop,
    ignore,
  ])
  .meta({ title: 'policy' });

export type PolicyConfig = z.output<typeof policySchema>;

/** Both ends inclusive. The caller has checked the form. */
export function statusCodeRange(codes: number | string): { from: number; to: number } {
  const [, from = '', to = from] = STATUS_CODES.exec(String(codes)) ?? [];
  return { from: Number(from), to: Number(to) };
}

function syntaxError(expression: string): string | undefined {
  try {
    new RegExp(expression, 'u');
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
