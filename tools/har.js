// Reads HTTP archives with har-validator, which holds them to the schema of HAR
// 1.2: node har.js FILE...
const fs = require("fs");
const validate = require("har-validator");

async function check(file) {
  const archive = JSON.parse(fs.readFileSync(file));
  await validate.har(archive);
  console.log(`${file}: ${archive.log.entries.length} entries`);
}

Promise.all(process.argv.slice(2).map(check)).catch((err) => {
  console.error(err.errors || err);
  process.exit(1);
});
