// Stands in for a package that a layer must not use: without exports, an import of it does not compile.
export {};
