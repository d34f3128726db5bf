// Reads an AsyncAPI document by the official parser; exit status 1 where it finds an error in it.
import { readFileSync } from "node:fs";
import { Parser } from "@asyncapi/parser";

const file = process.argv[2];
const parsed = await new Parser().parse(readFileSync(file, "utf8"), { source: file });
const errors = parsed.diagnostics.filter((found) => found.severity === 0);
for (const found of errors) console.error(`${file}: ${found.path.join(".")}: ${found.message}`);
if (parsed.document === undefined || errors.length > 0) process.exit(1);
console.log(`${parsed.document.channels().length} channels, ${parsed.document.messages().length} messages`);
