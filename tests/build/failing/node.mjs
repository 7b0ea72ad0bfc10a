/* Fails on purpose, for harness.t: in words that YAML has a meaning for. */
import assert from "node:assert";
import test from "node:test";

test("passes", () => {});
test("fails", () => assert.equal("a\nb: c\n", "x\n'y'"));
test("fails inside", (t) => t.test("inner", () => { throw new Error("inside"); }));
test("skips", { skip: "the reason" }, () => {});
