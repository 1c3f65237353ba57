"""A client of Redis that pipelines: redis_pipeline.py PORT"""
import sys

import redis

client = redis.Redis(host="127.0.0.1", port=int(sys.argv[1]))
many = client.pipeline(transaction=False)
for n in range(3000):
    many.incr("n")
    many.set("text", f"value {n} \r\n" * (n % 7))
    many.get("text")
print(many.execute())
atomic = client.pipeline(transaction=True)
atomic.get("n")
atomic.lpush("n", "no list")
print(atomic.execute(raise_on_error=False))
