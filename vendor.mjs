// Copies the browser files we ship (and axe for the tests) out of node_modules and records their SHA-256,
// so that a review sees what changed and `make run` needs no Node.
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

const COPIES = {
  "static/vendor": {
    "streaming-markdown.js": "streaming-markdown/smd.min.js",
    "streaming-markdown.LICENSE.txt": "streaming-markdown/license",
  },
  "tests/browser/vendor": {
    "axe.min.js": "axe-core/axe.min.js",
    "axe.LICENSE.txt": "axe-core/LICENSE",
  },
};

for (const [folder, files] of Object.entries(COPIES)) {
  const manifest = {};
  for (const [name, source] of Object.entries(files)) {
    const from = `node_modules/${source}`;
    const { name: pack, version } = JSON.parse(
      readFileSync(`node_modules/${source.split("/")[0]}/package.json`, "utf8"),
    );
    mkdirSync(dirname(`${folder}/${name}`), { recursive: true });
    copyFileSync(from, `${folder}/${name}`);
    const sha256 = createHash("sha256").update(readFileSync(from)).digest("hex");
    manifest[name] = { package: pack, version, sha256 };
  }
  writeFileSync(`${folder}/manifest.json`, `${JSON.stringify(manifest, null, 2)}\n`);
  console.log(`${folder}: ${Object.keys(manifest).join(", ")}`);
}
