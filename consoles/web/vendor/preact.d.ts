// What the pages use of preact. The library's own types would need node_modules.
export type VNode = any;
export function h(type: any, props: any, ...children: any[]): VNode;
export function render(vnode: VNode, parent: Element): void;
export const Fragment: any;
