# A client of a Docker engine, in twenty calls. IMAGE names an image in a
# registry, and shell:1 one that the engine has, with a shell in it.
#
#   IMAGE=localhost:5000/app record --upstream /var/run/docker.sock --cassette session.yaml -- sh session.sh
set -e

# ask METHOD TARGET [BODY] prints the response's body.
ask() {
	curl --silent --show-error --unix-socket "${WIRETAPE_ADDR#unix://}" --request "$1" \
		${3:+--header 'Content-Type: application/json' --data-binary "$3"} "http://docker/v1.41$2"
}

# create NAME BODY prints the id of a new container.
create() { ask POST "/containers/create?name=$1" "$2" | sed 's/^{"Id":"\([0-9a-f]*\)".*/\1/'; }

begun=$(date +%s)
ask GET /version
ask GET '/images/json?all=0&filters=%7B%22reference%22%3A%5B%22shell%22%5D%7D'
ask POST "/images/create?fromImage=$(echo "$IMAGE" | sed 's/:/%3A/; s/\//%2F/')&tag=1"
ask GET /images/shell:1/json
ask POST /volumes/create '{"Name":"shop-data","Driver":"local","Labels":{"app":"shop"}}'
web=$(create web '{"Image":"shell:1","Cmd":["sleep","60"],"HostConfig":{"NetworkMode":"none","OomScoreAdj":100}}')
ask POST "/containers/$web/start"
db=$(create db '{"Image":"shell:1","Cmd":["sh","-c","echo ready; sleep 60"],"HostConfig":{"NetworkMode":"none","OomScoreAdj":200}}')
ask POST "/containers/$db/start"
ask GET '/containers/json?all=1&filters=%7B%22ancestor%22%3A%5B%22shell%3A1%22%5D%7D'
ask GET "/containers/$web/json"
ask GET "/containers/$db/json"
ask POST "/containers/$web/exec" '{"AttachStdout":true,"Cmd":["echo","/"]}'
sleep 1 # until it has said so
ask GET "/containers/$db/logs?stdout=1&stderr=1&since=$begun&tail=all" | tr -d '\000-\010'
ask GET "/events?since=$begun&until=$(date +%s)&filters=%7B%22container%22%3A%5B%22web%22%5D%7D"
ask POST "/containers/$web/stop?t=1"
ask POST "/containers/$db/kill?signal=KILL"
ask DELETE "/containers/$web?v=1"
ask DELETE "/containers/$db?v=1"
ask DELETE /volumes/shop-data
