/** The schema as JSON Schema: for editors, for the reference, and to name the keys that exist. */
import * as z from 'zod';
import { configSchema } from './schema.js';

/** What of JSON Schema (2020-12) our schema uses. */
export interface JsonSchema {
  type?: string;
  title?: string;
  description?: string;
  default?: unknown;
  const?: unknown;
  enum?: unknown[];
  pattern?: string;
  minimum?: number;
  maximum?: number;
  writeOnly?: boolean;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  propertyNames?: JsonSchema;
  additionalProperties?: boolean | JsonSchema;
  items?: JsonSchema;
  oneOf?: JsonSchema[];
  anyOf?: JsonSchema[];
}

export function configJsonSchema(): JsonSchema {
  return z.toJSONSchema(configSchema, { io: 'input' }) as JsonSchema;
}

/** The schema of `key` inside a value of `schema`; undefined where there is none. */
export function childSchema(
  schema: JsonSchema,
  key: string | number,
  value: unknown,
): JsonSchema | undefined {
  if (typeof key === 'number') return schema.items;
  const variant = variantOf(schema, value);
  const known = variant.properties;
  if (known !== undefined && Object.hasOwn(known, key)) return known[key];
  const rest = variant.additionalProperties;
  return typeof rest === 'object' ? rest : undefined;
}

/** Keys a mapping at `schema` may have; empty where any name is allowed. */
export function knownKeys(schema: JsonSchema, value: unknown): string[] {
  return Object.keys(variantOf(schema, value).properties ?? {});
}

/** The branch of a union that the `type` of `value` selects. */
function variantOf(schema: JsonSchema, value: unknown): JsonSchema {
  if (schema.oneOf === undefined) return schema;
  const type = isMapping(value) ? value['type'] : undefined;
  return schema.oneOf.find((branch) => branch.properties?.['type']?.const === type) ?? {};
}

export function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
