# An image of dmt (docs/clusters.md): built in one stage as on any machine, copied without sources and compilers to another.
#
#   docker build -t dmt .
#   docker build -t dmt:gpu --build-arg GPU=on \
#     --build-arg BUILD_BASE=nvidia/cuda:13.0.1-cudnn-devel-ubuntu24.04 \
#     --build-arg BASE=nvidia/cuda:13.0.1-cudnn-runtime-ubuntu24.04 .
#
# Both bases of one build must be of the same distribution: the image has the JVM that the build ran on.
ARG BUILD_BASE=debian:trixie-slim
ARG BASE=debian:trixie-slim

FROM ${BUILD_BASE} AS build
ARG GPU=off
ENV DMT_GPU=${GPU} JAVA_HOME=/usr/lib/jvm/default-java
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates default-jdk-headless
WORKDIR /opt/dmt
COPY . .
# What else is missing it installs; what it built is all that the image needs.
RUN ./dmt --version && \
    state=target/dmt && if [ "$GPU" = on ]; then state=target/dmt/gpu; fi && \
    app=$state/$(cat "$state/current") && mkdir -p "/image/$app" && \
    cp -a dmt LICENSE NOTICE /image && cp "$state/current" "/image/$state" && cp -a "$app/." "/image/$app"

FROM ${BASE}
ARG GPU=off
# kubectl for the last job of a study on Kubernetes, bubblewrap and python3 for the sandbox of code that is scored.
RUN apt-get update && apt-get install -y --no-install-recommends default-jre-headless libgomp1 \
      fontconfig fonts-dejavu-core libharfbuzz0b libfreetype6 bubblewrap python3 kubernetes-client && \
    rm -rf /var/lib/apt/lists/* && { ! id ubuntu >/dev/null 2>&1 || userdel --remove ubuntu; } && \
    useradd --uid 1000 --create-home dmt
COPY --from=build /image /opt/dmt
RUN ln -s /opt/dmt/dmt /usr/local/bin/dmt
ENV DMT_GPU=${GPU} JAVA_HOME=/usr/lib/jvm/default-java LANG=C.UTF-8
USER 1000
WORKDIR /home/dmt
ENTRYPOINT ["dmt"]
CMD ["--help"]
