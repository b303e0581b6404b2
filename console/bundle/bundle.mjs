// node bundle.mjs OUT: the front-end into OUT/site, then its files, compressed, into OUT/console_files.cpp, which doorstepd
// is linked with. The same sources give the same bytes. Fails when what a browser loads grows beyond its budget.

import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, extname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { constants, gzipSync } from "node:zlib";
import { build } from "vite";

const budget = 300 * 1024; // bytes, compressed, of all files together
const types = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
};

const out = resolve(process.argv[2] ?? "dist");
const site = join(out, "site");
await build({ root: join(dirname(fileURLToPath(import.meta.url)), ".."), logLevel: "warn", build: { outDir: site } });

function filesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(path) : [path];
  });
}

const files = filesBelow(site)
  .map((path) => ({ path: `/${relative(site, path).split("\\").join("/")}`, plain: readFileSync(path) }))
  .sort((a, b) => (a.path < b.path ? -1 : 1))
  .map((file) => {
    const type = types[extname(file.path)];
    if (!type) throw new Error(`no Content-Type for ${file.path}`);
    const gzip = gzipSync(file.plain, { level: constants.Z_BEST_COMPRESSION });
    gzip[9] = 255; // the operating system that compressed it does not matter
    return { ...file, type, gzip, etag: createHash("sha256").update(file.plain).digest("hex").slice(0, 24) };
  });

const size = files.reduce((sum, file) => sum + file.gzip.length, 0);
if (size > budget) throw new Error(`the console is ${size} bytes, compressed; at most ${budget} may be`);

// Octal escapes: a string literal is read much faster by compilers than a list of numbers.
function literal(bytes) {
  let text = "";
  for (let from = 0; from < bytes.length; from += 64) {
    const line = [...bytes.subarray(from, from + 64)].map((byte) => `\\${byte.toString(8).padStart(3, "0")}`).join("");
    text += `\n    "${line}"`;
  }
  return text;
}

const arrays = files.map((file, i) => `constexpr char file_${i}[] =${literal(file.gzip)};\n`).join("\n");
const table = files
  .map((file, i) => `      ConsoleFile{"${file.path}", "${file.type}", bytes_of(file_${i}), "${file.etag}"},`)
  .join("\n");

mkdirSync(out, { recursive: true });
writeFileSync(
  join(out, "console_files.cpp"),
  `// Made from console/ by console/bundle/bundle.mjs.
#include "server/console/console_files.hpp"

#include <array>
#include <cstddef>

namespace doorstep::console {
namespace {

${arrays}
template <std::size_t size>
std::span<const std::uint8_t> bytes_of(const char (&text)[size]) {
  return {reinterpret_cast<const std::uint8_t*>(text), size - 1};
}

}  // namespace

std::span<const ConsoleFile> console_files() {
  static const std::array<ConsoleFile, ${files.length}> files{
${table}
  };
  return files;
}

}  // namespace doorstep::console
`,
);
console.log(`console: ${files.length} files, ${(size / 1024).toFixed(1)} KB compressed`);
