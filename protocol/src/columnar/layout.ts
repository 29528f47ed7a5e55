/**
 * What encoder and decoder of `rrweb-columnar` agree on; the layout is written down in
 * docs/wire-contract.md, section 2.
 */
export const COLUMNAR_FORMAT = 'rrweb-columnar';
export const COLUMNAR_VERSION = '1';

/** What a value is; three bits in the shapes and in arrays of mixed values. */
export const NULL = 0;
export const TRUE = 1;
export const FALSE = 2;
export const NUMBER = 3;
export const STRING = 4;
export const OBJECT = 5;
export const ARRAY = 6;
/** An array that holds objects only: needs no kind per item. */
export const OBJECTS = 7;

/** Integers below this are deltas; a delta of two of them, zigzagged, is still exact. */
export const MAX_INTEGER = 2 ** 50;

/** First byte: how the texts are written. The second is for texts with lone surrogates. */
export const TEXT_UTF8 = 0;
export const TEXT_JSON = 1;

/** Keys that need not be spelled out, so that small segments stay small. Fixed for this version. */
export const KNOWN_KEYS: readonly string[] =
  'type,data,source,id,attributes,adds,texts,removes,node,parentId,nextId,textContent,class,childNodes,tagName,positions,x,y,timeOffset,value,style,text,isChecked,href,tag,payload,pointerType,width,height,isSVG'.split(
    ',',
  );
