import { Signal } from './signals-core.js';
export * from './signals-core.js';
export function useSignal<T>(value: T): Signal<T>;
export function useComputed<T>(compute: () => T): { readonly value: T };
