// Leaflet stands as the global L once this module is there; the pages use few of its types.
export {};
declare global {
    interface Window { L: any }
}
