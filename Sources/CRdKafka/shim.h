#pragma once
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#if defined(__GLIBC__)
#include <malloc.h>
#endif

/// Has glibc's heap in two arenas instead of eight for each core, and large blocks given back at once.
static inline void bulkhead_limit_heap(void) {
#if defined(__GLIBC__)
    mallopt(M_ARENA_MAX, 2);
    mallopt(M_MMAP_THRESHOLD, 256 * 1024);
    mallopt(M_TRIM_THRESHOLD, 256 * 1024);
#endif
}

/// Gives back to the system what was released.
static inline void bulkhead_trim_heap(void) {
#ifdef __GLIBC__
    malloc_trim(0);
#endif
}

/// Queues a copy of one record; Swift cannot call the variadic `rd_kafka_producev` itself.
///
/// A `timestamp` of 0 means now. `headers` may be NULL and belongs to librdkafka when the answer is NO_ERROR.
static inline rd_kafka_resp_err_t bulkhead_produce(rd_kafka_t *client,
                                                   rd_kafka_topic_t *topic,
                                                   int32_t partition,
                                                   const void *key,
                                                   size_t key_size,
                                                   const void *value,
                                                   size_t value_size,
                                                   int64_t timestamp,
                                                   rd_kafka_headers_t *headers,
                                                   void *opaque) {
    if (headers == NULL) {
        return rd_kafka_producev(client, RD_KAFKA_V_RKT(topic), RD_KAFKA_V_PARTITION(partition),
                                 RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_KEY(key, key_size),
                                 RD_KAFKA_V_VALUE((void *)value, value_size), RD_KAFKA_V_TIMESTAMP(timestamp),
                                 RD_KAFKA_V_OPAQUE(opaque), RD_KAFKA_V_END);
    }
    return rd_kafka_producev(client, RD_KAFKA_V_RKT(topic), RD_KAFKA_V_PARTITION(partition),
                             RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_KEY(key, key_size),
                             RD_KAFKA_V_VALUE((void *)value, value_size), RD_KAFKA_V_TIMESTAMP(timestamp),
                             RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_OPAQUE(opaque), RD_KAFKA_V_END);
}

/// Has this process's IPv4 sockets of a port, and those that they will accept, send small segments at once.
static inline void bulkhead_send_at_once(uint16_t port) {
    // Descriptors are given out from the lowest on.
    for (int descriptor = 0; descriptor < 4096; descriptor++) {
        struct sockaddr_in address;
        socklen_t size = sizeof(address);
        if (getsockname(descriptor, (struct sockaddr *)&address, &size) != 0 || address.sin_family != AF_INET ||
            ntohs(address.sin_port) != port)
            continue;
        int on = 1;
        setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    }
}
