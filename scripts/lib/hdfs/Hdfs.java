import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.hdfs.MiniDFSCluster;

/** HDFS in one process, on loopback, with one datanode: tells its URI in a file and serves until it is ended. */
final class Hdfs {
  private Hdfs() {}

  /** The folder for its data, and where to write the URI. */
  public static void main(String[] args) throws Exception {
    Path data = Path.of(args[0]);
    Configuration conf = new Configuration();
    conf.set(MiniDFSCluster.HDFS_MINIDFS_BASEDIR, new File(args[0]).getAbsolutePath());
    conf.set("dfs.namenode.fs-limits.min-block-size", "1024");
    MiniDFSCluster cluster = new MiniDFSCluster.Builder(conf).numDataNodes(1).build();
    cluster.waitClusterUp();
    Path written = Files.writeString(data.resolve("uri"), cluster.getURI().toString());
    Files.move(written, Path.of(args[1]));
    Thread.currentThread().join();
  }
}
