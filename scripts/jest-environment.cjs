// Tests run in a context of their own, which has its own Error. Node's errors (of files, sockets, URLs) come from
// outside and would be no `instanceof Error` in there, unlike in production.
const { TestEnvironment } = require("jest-environment-node");

const ERRORS = ["Error", "TypeError", "RangeError", "SyntaxError", "AggregateError"];

module.exports = class extends TestEnvironment {
  constructor(...args) {
    super(...args);
    for (const name of ERRORS) acceptOutsiders(this.global[name], globalThis[name]);
  }
};

function acceptOutsiders(inside, outside) {
  const ordinary = Function.prototype[Symbol.hasInstance];
  Object.defineProperty(inside, Symbol.hasInstance, {
    value(candidate) {
      // Subclasses inherit this method, and mean themselves.
      return ordinary.call(this, candidate) || (this === inside && candidate instanceof outside);
    },
  });
}
