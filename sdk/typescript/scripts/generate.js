// Writes src/schema.ts from the contract. With --check, fails if the file differs.
import { readFile, writeFile } from "node:fs/promises";
import openapiTS, { astToString, COMMENT_HEADER, STRING, tsIntersection, tsLiteral, tsUnion } from "openapi-typescript";
import ts from "typescript";

const contract = new URL("../../../openapi.yaml", import.meta.url);
const output = new URL("../src/schema.ts", import.meta.url);

// An open set of codes: the known values for completion, and any other string. A plain `string` would absorb the values.
const anyString = tsIntersection([STRING, ts.factory.createTypeLiteralNode([])]);

const nodes = await openapiTS(contract, {
  defaultNonNullable: false,
  transform: (schema) => {
    const known = schema["x-extensible-enum"];
    return known === undefined ? undefined : tsUnion([...known.map((value) => tsLiteral(value)), anyString]);
  },
});
const generated = COMMENT_HEADER + astToString(nodes);

if (!process.argv.includes("--check")) await writeFile(output, generated);
else if (await readFile(output, "utf8") !== generated) throw new Error("src/schema.ts is out of date: run npm run generate");
