#!/usr/bin/env bash
# Fetches another version of Swagger UI from npm: docs/update.sh 5.35.0
# Commit what it changes, and look at the screenshots of `make test-docs`.
set -euo pipefail
cd "$(dirname "$0")"
version=${1:?usage: update.sh VERSION}

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm pack --silent --pack-destination "$folder" "swagger-ui-dist@$version" >/dev/null
tar -xzf "$folder"/*.tgz -C "$folder"
for file in swagger-ui.css swagger-ui-bundle.js; do
	sed '/^\/[/*]# sourceMappingURL=/d' "$folder/package/$file" | gzip -9n >"$file.gz"
done
cp "$folder/package/LICENSE" LICENSE
cp "$folder/package/NOTICE" NOTICE
cp "$folder/package/swagger-ui-bundle.js.LICENSE.txt" LICENSES-bundled.txt
echo "$version" >VERSION
