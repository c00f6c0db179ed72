// NodeNext sources import "./name.js" where the file on disk is "./name.ts". A resolver, rather than moduleNameMapper,
// leaves the imports inside node_modules alone, where a package may ship both files.
const { existsSync } = require("node:fs");
const { resolve, sep } = require("node:path");

module.exports = function resolveModule(request, options) {
  if (/^\.{1,2}\/.*\.js$/.test(request) && !options.basedir.includes(`${sep}node_modules${sep}`)) {
    const source = resolve(options.basedir, `${request.slice(0, -".js".length)}.ts`);
    if (existsSync(source)) return source;
  }
  return options.defaultResolver(request, options);
};
